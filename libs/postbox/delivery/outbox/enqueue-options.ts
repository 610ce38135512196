/** How one event is published. */
export interface EnqueueOptions {
  /**
   * Events of one key reach a target one at a time, in commit order. Default: the key by the event's definition.
   */
  readonly key?: string;
  /** The event is not published before this moment, by the database's clock. Default: at once. */
  readonly availableAt?: Date;
  /**
   * Headers that travel with the event, such as `traceparent`. Default of `correlation_id`: that of the request, of the
   * job's run or of the event that is handled, else a new UUID v7.
   */
  readonly headers?: Readonly<Record<string, string>>;
}
