import { once } from 'node:events'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import type { SunkMail } from './mail-check.ts'

/** A mail server that takes everything, and may be slow to say so: then a node can die between mail and answer. */
export class MailSink {
  readonly mails: SunkMail[] = []
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  readonly #hesitate: () => Promise<void>

  private constructor(hesitate: () => Promise<void>) {
    this.#hesitate = hesitate
    this.#server = createServer((socket) => this.#serve(socket))
  }

  /** `hesitate`: awaited after a mail came whole, before that is said. */
  static async open(hesitate: () => Promise<void>): Promise<MailSink> {
    const sink = new MailSink(hesitate)
    sink.#server.listen(0, '127.0.0.1')
    await once(sink.#server, 'listening')
    return sink
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    this.#server.close()
    await once(this.#server, 'close')
  }

  /** One session of RFC 5321, as far as senders need it. */
  #serve(socket: Socket): void {
    this.#sockets.add(socket)
    socket.on('error', () => {})
    socket.on('close', () => this.#sockets.delete(socket))
    socket.setEncoding('latin1')
    const say = (line: string) => void (socket.writable && socket.write(`${line}\r\n`))
    let [rest, mail, to] = ['', undefined as string[] | undefined, '']
    const command = (line: string) => {
      const verb = line.slice(0, 4).toUpperCase()
      if (verb === 'RCPT') to = /<([^>]*)>/.exec(line)?.[1] ?? ''
      if (verb === 'DATA') mail = []
      say(REPLIES[verb] ?? '502 5.5.1 not here')
      if (verb === 'QUIT') socket.end()
    }
    const text = (line: string, lines: string[]) => {
      if (line !== '.') return void lines.push(line)
      mail = undefined
      // A long header goes on in the next line (RFC 5322, 2.2.3).
      const messageId = /^Message-ID:\s*(<[^>]*>)/im.exec(lines.join('\n'))?.[1] ?? ''
      this.mails.push({ messageId, to })
      void this.#hesitate().then(() => say('250 2.0.0 taken'))
    }
    socket.on('data', (part) => {
      const lines = (rest + String(part)).split('\r\n')
      rest = lines.pop() ?? ''
      for (const line of lines) {
        if (mail) text(line, mail)
        else command(line)
      }
    })
    say('220 sink ESMTP')
  }
}

const REPLIES: Readonly<Record<string, string>> = {
  EHLO: '250 sink',
  HELO: '250 sink',
  MAIL: '250 2.1.0 ok',
  RCPT: '250 2.1.5 ok',
  RSET: '250 2.0.0 ok',
  NOOP: '250 2.0.0 ok',
  DATA: '354 go on',
  QUIT: '221 2.0.0 bye',
}
