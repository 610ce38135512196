import PostalMime from "postal-mime";
import { SMTPServer } from "smtp-server";

/** A mail that was caught. */
export interface CaughtMail {
  readonly message_id: string;
  readonly from: string;
  readonly to: string;
  readonly subject: string;
  readonly html: string;
  readonly text: string;
  /** ISO 8601. */
  readonly received_at: string;
}

/** Mails kept at most. Older ones are forgotten. */
const maxMails = 100;

/** An SMTP server on the loopback address. It keeps the mails that it gets, and sends none on. */
export class MailCatcher {
  readonly #mails: CaughtMail[] = [];
  readonly #server: SMTPServer;
  #port = 0;

  constructor() {
    this.#server = new SMTPServer({
      authOptional: true,
      disabledCommands: ["AUTH", "STARTTLS"],
      disableReverseLookup: true,
      logger: false,
      onData: (stream, session, done) => {
        this.#take(
          stream,
          session.envelope.rcptTo.map(({ address }) => address),
        ).then(() => done(), done);
      },
    });
    // A client that goes away in the middle of a mail is no fault of the server.
    this.#server.on("error", () => {});
  }

  /** The caught mails, the newest first. */
  get mails(): readonly CaughtMail[] {
    return this.#mails.toReversed();
  }

  /** `smtp://127.0.0.1:<port>`, once it listens. */
  get url(): string {
    return `smtp://127.0.0.1:${this.#port}`;
  }

  /** Listens, on a free port if none is given. */
  async start(port = 0): Promise<void> {
    const { server } = this.#server;
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      this.#server.listen(port, "127.0.0.1", resolve);
    });
    const address = server.address();
    if (typeof address === "object" && address) this.#port = address.port;
  }

  stop(): Promise<void> {
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }

  async #take(stream: AsyncIterable<Buffer>, to: readonly string[]): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of stream) chunks.push(chunk);
    const mail = await PostalMime.parse(Buffer.concat(chunks));
    this.#mails.push({
      message_id: mail.messageId ?? "",
      from: mail.from?.address ?? "",
      to: to.join(", "),
      subject: mail.subject ?? "",
      html: mail.html ?? "",
      text: mail.text ?? "",
      received_at: new Date().toISOString(),
    });
    if (this.#mails.length > maxMails) this.#mails.shift();
  }
}
