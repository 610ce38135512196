/** Keeps Postbox's nodes apart from others on the same NATS: their subjects are `MOL-postbox.>`. */
export const namespace = "postbox";
