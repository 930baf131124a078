"""CloudEvents 1.0 over HTTP: binary, structured and batched, with the webhook handshake."""
