"""Messages out: outbox, dispatch, channels, receipts, notices and all wording."""
