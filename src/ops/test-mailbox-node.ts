import type { AddressInfo } from 'node:net'
import { SMTPServer } from 'smtp-server'

/** A mail as it came over the wire. */
interface ReceivedMail {
  readonly messageId: string
  readonly to: string
  readonly text: string
}

/** What the server answers a mail, by its recipient; `undefined`: it takes it. */
export type MailManners = (stage: 'sender' | 'recipient' | 'data', address: string) => number | undefined

/** A real SMTP server in this process, for tests: keeps all that it is handed. */
export class TestMailbox {
  readonly mails: ReceivedMail[] = []
  readonly #server: SMTPServer
  #manners: MailManners = () => undefined

  private constructor(user?: { readonly name: string; readonly password: string }) {
    const judge = (stage: 'sender' | 'recipient' | 'data', address: string) => {
      const code = this.#manners(stage, address)
      return code === undefined ? undefined : Object.assign(new Error('not now'), { responseCode: code })
    }
    this.#server = new SMTPServer({
      authOptional: user === undefined,
      allowInsecureAuth: true,
      disabledCommands: ['STARTTLS'],
      logger: false,
      onAuth: ({ username, password }, _session, done) =>
        username === user?.name && password === user?.password
          ? done(null, { user: username ?? '' })
          : done(new Error('no')),
      onMailFrom: ({ address }, _session, done) => done(judge('sender', address)),
      onRcptTo: ({ address }, _session, done) => done(judge('recipient', address)),
      onData: (stream, session, done) => {
        const parts: Buffer[] = []
        stream.on('data', (part: Buffer) => parts.push(part))
        stream.on('end', () => {
          const to = session.envelope.rcptTo[0]?.address ?? ''
          const refusal = judge('data', to)
          if (refusal) return done(refusal)
          const text = Buffer.concat(parts).toString('utf8')
          const messageId = /^Message-ID:\s*(<[^>]*>)/im.exec(text)?.[1] ?? ''
          this.mails.push({ messageId, to, text })
          done(null)
        })
      },
    })
  }

  static async open(user?: { readonly name: string; readonly password: string }): Promise<TestMailbox> {
    const mailbox = new TestMailbox(user)
    await new Promise<void>((resolve) => mailbox.#server.listen(0, '127.0.0.1', resolve))
    return mailbox
  }

  get port(): number {
    return (this.#server.server.address() as AddressInfo).port
  }

  behave(manners: MailManners): void {
    this.#manners = manners
  }

  close(): Promise<void> {
    return new Promise((resolve) => this.#server.close(() => resolve()))
  }
}
