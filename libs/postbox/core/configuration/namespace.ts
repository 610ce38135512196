/** Moleculer's namespace: nodes exchange messages under `MOL-postbox.>`, apart from other programs on the same NATS. */
export const namespace = "postbox";
