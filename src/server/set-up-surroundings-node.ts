import { realClock as clock } from '../base/real-clock-node.ts'
import type { ConfigKeeper } from '../config/config-keeper.ts'
import { CLUSTER_SETTINGS } from '../config/kinds/settings-document.ts'
import { isOrigin } from '../config/origin.ts'
import type { Settings } from '../config/settings.ts'
import { smtpMailer } from '../ops/smtp-mailer-node.ts'
import { checkDatabase } from '../store/database-safety.ts'
import type { DocumentStore } from '../store/document-store.ts'
import { lookAtAddress } from './address-look-node.ts'
import type { DatabaseLook } from './set-up-decision.ts'
import type { SetUpSurroundings } from './set-up-desk.ts'

/** What a real node tells the set-up of its surroundings. */
export function surroundingsOf({
  settings,
  databaseUrl,
  ...told
}: {
  readonly settings: Settings
  readonly databaseUrl: string
} & Pick<SetUpSurroundings, 'documents' | 'cluster' | 'startedWith' | 'tls'>): SetUpSurroundings {
  return {
    ...{ ...told, lookAtAddress, mailer: smtpMailer },
    lookAtDatabase: () => lookAtDatabase(databaseUrl, settings, told.documents),
  }
}

/** The public address of a node that is started with none: the one that the cluster was told, as soon as it is known. */
export class SharedAddress {
  /** What the operator started this node with; it wins. */
  readonly startedWith: string
  /** The settings of the node, with the address as it is at each moment. */
  readonly settings: Settings
  #told = () => ''

  constructor(settings: Settings) {
    this.startedWith = settings.publicUrl
    const now = () => this.startedWith || this.#told()
    this.settings = {
      ...settings,
      get publicUrl() {
        return now()
      },
    }
  }

  /** What the cluster was told, whatever this node was started with; empty: nothing. */
  told(): string {
    return this.#told()
  }

  follow(keeper: Pick<ConfigKeeper, 'configuration'>): void {
    this.#told = () => {
      const { publicUrl = '' } = keeper.configuration().one(CLUSTER_SETTINGS)
      // An earlier version stored what only looked like an address; every request would stumble over it.
      return isOrigin(publicUrl) ? publicUrl : ''
    }
  }
}

/** Asks the database for its version and its safety settings, and times one question on a connection that is open. */
async function lookAtDatabase(
  url: string,
  options: { readonly acceptDataLoss: boolean },
  documents: Pick<DocumentStore, 'document'>,
): Promise<DatabaseLook> {
  try {
    const findings = await checkDatabase(url, options)
    // The first one may wait for a connection; it is the second that every message is like.
    await documents.document('set-up')
    const beganMs = clock.monotonicMs()
    await documents.document('set-up')
    return { kind: 'looked', findings, roundTripMs: clock.monotonicMs() - beganMs }
  } catch (error) {
    return { kind: 'away', reason: error instanceof Error ? error.message : String(error) }
  }
}
