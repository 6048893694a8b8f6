"""Every role's home and the officers' and operators' workbench: pages that read other features."""
