import type { Server } from "node:http";
import { PostboxError } from "../errors/postbox-error.ts";

/** Where a server listens. */
export interface ListenAddress {
  /** 0 takes a free port. */
  readonly port: number;
  /** The variable that sets the port. */
  readonly variable: string;
  /** Undefined: all addresses of this machine. */
  readonly address: string | undefined;
}

/** @throws PostboxError `port-taken`, `configuration-invalid` for an address that this machine does not have. */
export function listen(server: Server, at: ListenAddress): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (cause: NodeJS.ErrnoException) => reject(refusal(at, cause) ?? cause));
    server.listen({ port: at.port, host: at.address }, () => resolve());
  });
}

function refusal({ port, variable, address }: ListenAddress, cause: NodeJS.ErrnoException): PostboxError | undefined {
  if (cause.code === "EADDRINUSE" || cause.code === "EACCES") {
    const message = `Port ${port} cannot be had; end what listens there, or set ${variable} to another port.`;
    return new PostboxError("port-taken", message, { cause });
  }
  if (cause.code !== "EADDRNOTAVAIL" && cause.code !== "EAFNOSUPPORT") return undefined;
  const message = `LISTEN_ADDRESS is ${address}, which is no address of this machine; set it to one of its own.`;
  return new PostboxError("configuration-invalid", message, { cause });
}
