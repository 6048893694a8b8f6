"""The auditor's workbench: who did what, who was let see what, who was refused. Read only, and never a content."""
