"""SMS, webhooks and the outbox they leave through."""
