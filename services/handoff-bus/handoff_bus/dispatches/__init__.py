"""Facts on their way to subscriptions: written with the effect of the fact, sent until they are taken, with a log."""
