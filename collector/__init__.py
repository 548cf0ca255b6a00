"""The worker: leases accounts and runs their jobs. Telethon only in `collector/telegram/`."""
