"""Who they are: enterprises, investors, carriers; residency, track record, attachments."""
