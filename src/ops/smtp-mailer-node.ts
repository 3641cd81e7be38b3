import { Buffer } from 'node:buffer'
import { createTransport } from 'nodemailer'
import { HiddenTexts } from '../config/hidden-texts.ts'
import type { EffectOutcome } from './effect-decision.ts'
import type { Letter } from './mail-letter.ts'
import { type SmtpFailure, smtpFailure } from './smtp-failure-decision.ts'

interface SmtpServer {
  /** `smtp://user@host:587`, `smtps://host`. */
  readonly url: string
  /** Of the user in the URL. */
  readonly password: string | undefined
  /** Sender of the mail. */
  readonly from: string
}

/** Hands one letter to a mail server. Never rejects: whatever goes wrong is an outcome. */
export type Mailer = (server: SmtpServer, letter: Letter) => Promise<EffectOutcome>

const CONNECT_MS = 8000
const SILENCE_MS = 12_000
const DEFAULT_PORTS: Readonly<Record<string, number>> = { 'smtp:': 587, 'smtps:': 465 }
const LOOPBACK = /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])$/

/**
 * Sends by SMTP, a connection a mail. `smtp:` begins in the clear and is encrypted where the server can; with a user it
 * must be, or the password would travel readable. The id of the letter is its Message-ID, the same on every attempt.
 */
export const smtpMailer: Mailer = async ({ url, password, from }, letter) => {
  const { protocol, hostname, port, username } = new URL(url)
  const transport = createTransport({
    host: hostname.replace(/^\[|\]$/g, ''),
    port: Number(port) || (DEFAULT_PORTS[protocol] ?? 587),
    secure: protocol === 'smtps:',
    requireTLS: protocol === 'smtp:' && username !== '' && !LOOPBACK.test(hostname),
    ...(username && { auth: { user: decodeURIComponent(username), pass: password ?? '' } }),
    connectionTimeout: CONNECT_MS,
    greetingTimeout: CONNECT_MS,
    socketTimeout: SILENCE_MS,
    disableFileAccess: true,
    disableUrlAccess: true,
  })
  try {
    await transport.sendMail({
      from: { name: letter.sender, address: from },
      to: { name: '', address: letter.to },
      messageId: messageIdOf(letter.id, from),
      subject: letter.subject,
      text: letter.text,
      ...(letter.html && { html: letter.html }),
      // RFC 3834: no machine answers to it, and none of its answers comes back.
      headers: { 'Auto-Submitted': 'auto-generated' },
    })
    return { kind: 'done' }
  } catch (error) {
    const { message, command, code, responseCode } = error as SmtpFailure
    // A server may quote the password that it refuses, and the reason is kept and shown.
    const hidden = new HiddenTexts()
    if (password !== undefined) hidden.add(password)
    return smtpFailure({ message: hidden.masked(message), command, code, responseCode })
  } finally {
    transport.close()
  }
}

/** RFC 5322, 3.6.4. An id may hold any character; a Message-ID may not. */
export function messageIdOf(id: string, from: string): string {
  return `<holdfast.${Buffer.from(id).toString('base64url')}@${from.slice(from.lastIndexOf('@') + 1)}>`
}
