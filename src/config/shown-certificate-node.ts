import { X509Certificate } from 'node:crypto'
import { connect } from 'node:tls'
import { factsOf } from './certificate-chain-node.ts'
import type { CertificateFacts } from './certificate-decision.ts'

const PATIENCE_MS = 5000

/** What a port shows to whoever connects; `undefined`: it does not answer, or speaks no TLS. */
export function shownCertificate(
  host: string,
  port: number,
  patienceMs = PATIENCE_MS,
): Promise<CertificateFacts | undefined> {
  // Whoever shows it is not believed, only looked at.
  const options = { host, port, rejectUnauthorized: false, timeout: patienceMs }
  return new Promise((resolve) => {
    const socket = connect({ ...options, ...(/[a-z]/i.test(host) && !host.includes(':') && { servername: host }) })
    const answer = (raw?: Uint8Array) => {
      socket.destroy()
      resolve(raw && factsOf(new X509Certificate(raw).toString()))
    }
    socket.once('secureConnect', () => answer(socket.getPeerCertificate().raw))
    socket.once('error', () => answer())
    socket.once('timeout', () => answer())
  })
}
