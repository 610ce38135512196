/** The client of a request, as far as its address tells. */
export interface Client {
  /** Undefined where a trusted proxy named the client in a form that cannot be read. */
  readonly address: string | undefined;
  /** By what the client is counted while no user is known: nobody with an address of its own is counted by the same. */
  readonly network: string;
}
