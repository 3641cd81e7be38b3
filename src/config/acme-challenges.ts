import type { DocumentStore } from '../store/document-store.ts'
import type { AcmeChallenge } from './acme-client-node.ts'

const DOCUMENT = 'acme-challenges'
/** Of challenges that nobody took back: their order was given up long before. */
const KEPT_MS = 3_600_000
const PUT_ATTEMPTS = 5

interface StoredChallenge extends AcmeChallenge {
  readonly untilMs: number
}

/**
 * Challenges of an authority in the shared documents: it may ask any node of the cluster, whichever the name of the
 * system leads it to.
 */
export class AcmeChallenges {
  readonly #documents: DocumentStore
  readonly #wallMs: () => number

  constructor(options: { readonly documents: DocumentStore; readonly wallMs: () => number }) {
    this.#documents = options.documents
    this.#wallMs = options.wallMs
  }

  /** What is to be answered for a token; `undefined`: nothing. Rejects where the store does. */
  async answerTo(token: string): Promise<string | undefined> {
    const { challenges } = await this.#read()
    return challenges.find((challenge) => challenge.token === token)?.keyAuthorization
  }

  /** Resolves once every node that is asked would answer. */
  async publish(challenges: readonly AcmeChallenge[]): Promise<void> {
    const untilMs = this.#wallMs() + KEPT_MS
    await this.#change((present) => [...present, ...challenges.map((challenge) => ({ ...challenge, untilMs }))])
  }

  async withdraw(tokens: readonly string[]): Promise<void> {
    await this.#change((present) => present.filter(({ token }) => !tokens.includes(token)))
  }

  async #change(edit: (present: readonly StoredChallenge[]) => readonly StoredChallenge[]): Promise<void> {
    for (let attempt = 1; attempt <= PUT_ATTEMPTS; attempt++) {
      const { version, challenges } = await this.#read()
      const nowMs = this.#wallMs()
      const wanted = edit(challenges.filter(({ untilMs }) => untilMs > nowMs))
      const put = await this.#documents.putDocument(DOCUMENT, JSON.stringify({ challenges: wanted }), version)
      if (put.kind === 'stored') return
    }
    throw new Error('Challenges of the authority were changed by too many at once.')
  }

  async #read(): Promise<{ version: number; challenges: readonly StoredChallenge[] }> {
    const document = await this.#documents.document(DOCUMENT)
    if (!document) return { version: 0, challenges: [] }
    const { challenges } = JSON.parse(document.body) as { challenges: readonly StoredChallenge[] }
    return { version: document.version, challenges }
  }
}
