import { silentLog } from '../base/log.ts'
import { ManualClock } from '../base/manual-clock.ts'
import type { DocumentStore } from '../store/document-store.ts'
import { PrivateKeys } from './private-keys.ts'
import { SecretVault } from './secret-vault-node.ts'

/** The private keys of a cluster without a master key, for tests of whatever needs some. */
export function stagedKeys(documents: DocumentStore, secret = 'the secret of the cluster'): PrivateKeys {
  const vault = new SecretVault({ documents, masterKeys: [secret], clock: new ManualClock(), log: silentLog })
  return new PrivateKeys({ vault, secret })
}
