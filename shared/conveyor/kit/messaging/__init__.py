"""Facts between services: outbox and relay on the way out, consumer and inbox on the way in."""
