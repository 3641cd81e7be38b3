import { assert } from '../base/assertion.ts'
import type { DocumentStore } from '../store/document-store.ts'
import type { SetUpNotes } from './set-up-decision.ts'

const DOCUMENT = 'set-up'
const NOTHING: SetUpNotes = { skipped: [], balancer: false }
const ATTEMPTS_MAX = 10

/** What was decided in the set-up, as one shared document: it is the same on whichever node somebody goes on. */
export class SetUpNotebook {
  readonly #documents: DocumentStore

  constructor(documents: DocumentStore) {
    this.#documents = documents
  }

  async read(): Promise<SetUpNotes> {
    return (await this.#present()).notes
  }

  async change(edit: (notes: SetUpNotes) => SetUpNotes): Promise<void> {
    for (let attempt = 1; attempt <= ATTEMPTS_MAX; attempt++) {
      const { notes, version } = await this.#present()
      const put = await this.#documents.putDocument(DOCUMENT, JSON.stringify(edit(notes)), version)
      if (put.kind === 'stored') return
    }
    assert(false, 'the notes of the set-up are changed by others without end')
  }

  async #present(): Promise<{ readonly notes: SetUpNotes; readonly version: number }> {
    const document = await this.#documents.document(DOCUMENT)
    if (!document) return { notes: NOTHING, version: 0 }
    return { notes: { ...NOTHING, ...(JSON.parse(document.body) as Partial<SetUpNotes>) }, version: document.version }
  }
}
