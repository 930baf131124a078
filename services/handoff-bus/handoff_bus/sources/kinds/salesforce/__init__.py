"""Salesforce outbound messages: SOAP, one to a hundred notifications, acknowledged in the body of the answer."""
