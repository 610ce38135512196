import { type TObject, type TObjectOptions, type TProperties, Type } from "typebox";

/** An object that takes no property it does not name. */
export function object<Properties extends TProperties>(
  properties: Properties,
  options: TObjectOptions = {},
): TObject<Properties> {
  return Type.Object(properties, { additionalProperties: false, ...options });
}
