import { join } from 'node:path'
import type { Log } from '../base/log.ts'
import { realClock as clock } from '../base/real-clock-node.ts'
import { realRandom as random } from '../base/real-random-node.ts'
import { ACCOUNT_KEYS } from '../config/certificate-renewer-node.ts'
import { CERTIFICATE_KEYS } from '../config/certificate-vault-node.ts'
import { AUTHORITY_KEYS } from '../config/cluster-authority-node.ts'
import type { ConfigKeeper } from '../config/config-keeper.ts'
import type { HiddenTexts } from '../config/hidden-texts.ts'
import { masterKeysOf, type NoMasterKey } from '../config/master-key-node.ts'
import { PrivateKeyMove } from '../config/private-key-move.ts'
import type { PrivateKeys } from '../config/private-keys.ts'
import { PROGRAM_VERSION } from '../config/program-version-node.ts'
import { SecretVault } from '../config/secret-vault-node.ts'
import type { Settings } from '../config/settings.ts'
import { shownSettings } from '../config/shown-settings.ts'
import { auditSpool } from '../ops/audit-spool-node.ts'
import { AuditTrail } from '../ops/audit-trail.ts'
import type { RecentLines } from '../ops/recent-lines.ts'
import type { AuditStore } from '../store/audit-store.ts'
import type { DocumentStore } from '../store/document-store.ts'
import { stateOf } from './cluster-view.ts'
import type { HoldfastNode } from './holdfast-node.ts'
import type { NodeSupport } from './node-facade.ts'
import { SIGNING_KEYS } from './signing-keys-node.ts'

/** What this file needs of a node that is put together. */
interface Ground {
  readonly settings: Settings
  readonly name: string
  readonly log: Log
  readonly recent: RecentLines
  readonly hidden: HiddenTexts
  readonly undo: (() => Promise<unknown> | unknown)[]
}

/** The secrets of the cluster, opened by this node's master key. */
export async function openVault(
  { settings, log, hidden, undo }: Ground,
  documents: DocumentStore,
  secret: string,
): Promise<SecretVault | NoMasterKey> {
  const masterKeys = await masterKeysOf(settings, secret)
  if (masterKeys.kind === 'no-master-key') return masterKeys
  for (const key of masterKeys.keys) hidden.add(key)
  const vault = new SecretVault({ documents, masterKeys: masterKeys.keys, clock, log, hidden })
  undo.push(() => vault.stop())
  await vault.start()
  return vault
}

const PRIVATE_KEYS_QUESTION = 'private-keys'
const [IN_VAULT, SEALED] = ['in-vault', 'sealed']
const ANSWER_PATIENCE_MS = 1000

/** Nodes tell each other that they read private keys from the vault; those of an earlier version do not know the question. */
export function movePrivateKeys(
  { log, undo }: Pick<Ground, 'log' | 'undo'>,
  ports: {
    readonly documents: DocumentStore
    readonly keys: PrivateKeys
    readonly secrets: Pick<SecretVault, 'masterKeyState'>
    readonly node: Pick<HoldfastNode, 'onInspect' | 'inspect' | 'members'>
  },
): PrivateKeyMove {
  const { documents, keys, secrets, node } = ports
  // A node that opens nothing there lives by the old form alone, and who sees nothing there has not looked since.
  node.onInspect(PRIVATE_KEYS_QUESTION, async () => {
    const state = await secrets.masterKeyState()
    return state === 'newest' || state === 'earlier' ? IN_VAULT : SEALED
  })
  const allRead = async () => {
    const living = node.members().filter((member) => stateOf(member) !== 'dead')
    const answers = living.map(({ node: name }) =>
      node.inspect(name, PRIVATE_KEYS_QUESTION, {}, ANSWER_PATIENCE_MS).catch(() => undefined),
    )
    return living.length > 0 && (await Promise.all(answers)).every((answer) => answer === IN_VAULT)
  }
  const holders = [AUTHORITY_KEYS, SIGNING_KEYS, CERTIFICATE_KEYS, ACCOUNT_KEYS]
  const move = new PrivateKeyMove({ clock, log, documents, keys, holders, allRead })
  move.start()
  undo.push(() => move.stop())
  return move
}

/** The audit trail, which begins by sending what an earlier run of this node left. */
export function openAuditTrail({ settings, name: node, log, undo }: Ground, store: AuditStore): AuditTrail {
  const spool = auditSpool(join(settings.dataDir, 'audit'), log)
  const trail = new AuditTrail({ store, spool, clock, random, log, node })
  trail.start()
  undo.push(() => trail.stop())
  return trail
}

/** What the node tells for a support bundle, at this moment. */
export function supportOf(
  { settings, recent }: Ground,
  keeper: Pick<ConfigKeeper, 'configuration' | 'digest'>,
  startedAt: number,
): NodeSupport {
  return {
    version: PROGRAM_VERSION,
    runtime: `${process.version} on ${process.platform} ${process.arch}`,
    startedAt,
    memoryBytes: process.memoryUsage.rss(),
    settings: shownSettings(settings),
    configuration: { revision: keeper.configuration().revision, digest: keeper.digest },
    log: recent.lines(),
  }
}
