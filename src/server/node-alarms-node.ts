import { statfs } from 'node:fs/promises'
import type { Clock } from '../base/clock.ts'
import type { Log } from '../base/log.ts'
import type { Metrics } from '../base/metrics.ts'
import type { Random } from '../base/random.ts'
import type { TlsNetwork } from '../cluster/tls-network-node.ts'
import { factsOf } from '../config/certificate-chain-node.ts'
import type { ClusterAuthority } from '../config/cluster-authority-node.ts'
import type { ConfigKeeper } from '../config/config-keeper.ts'
import { alarmDaysOf } from '../config/kinds/settings-document.ts'
import type { SecretVault } from '../config/secret-vault-node.ts'
import { AlarmWatch } from '../ops/alarm-watch.ts'
import { checkDatabase } from '../store/database-safety.ts'
import type { PostgresStore } from '../store/postgres-store.ts'
import {
  adoptionStorm,
  configurationDrift,
  conversationsSetApart,
  fullDisk,
  lostNodes,
  outboxTrouble,
  sealedSecrets,
  seldom,
  storeAbsence,
  unsafeDatabase,
} from './alarm-observers.ts'
import { CERTIFICATES_QUESTION, certificateEnds, certificatesInUse } from './certificate-ends.ts'
import type { HoldfastNode } from './holdfast-node.ts'
import type { TlsFront } from './tls-front-node.ts'

export interface NodeAlarmsPorts {
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  readonly metrics: Metrics
  readonly name: string
  readonly node: HoldfastNode
  readonly store: PostgresStore
  readonly keeper: ConfigKeeper
  readonly secrets: SecretVault
  readonly settings: { readonly dataDir: string; readonly acceptDataLoss: boolean }
  readonly databaseUrl: string
}

const SOON_MS = 10_000
const DISK_MS = 30_000
const DATABASE_MS = 600_000
const CERTIFICATE_MS = 60_000
const SECRETS_MS = 30_000

/** Lets this node tell the others which certificates it uses at the moment. */
export function answerCertificates(
  node: HoldfastNode,
  used: {
    readonly front: Pick<TlsFront, 'shown'> | undefined
    readonly network: Pick<TlsNetwork, 'certificate'>
    readonly authority: Pick<ClusterAuthority, 'certificate'>
  },
): void {
  const { front, network, authority } = used
  node.onInspect(CERTIFICATES_QUESTION, async () => {
    const own = front?.shown.chain[0]
    return certificatesInUse({
      public: own === undefined ? undefined : factsOf(own),
      node: factsOf(network.certificate),
      authority: factsOf(authority.certificate),
    })
  })
}

/** What a real node watches for alarms. A part that sees another condition adds its observer here. */
export function nodeAlarms(ports: NodeAlarmsPorts): AlarmWatch {
  const { clock, metrics, node, store, keeper, secrets, databaseUrl, settings } = ports
  const disk = async () => {
    const { bavail, blocks, bsize } = await statfs(settings.dataDir)
    return { freeBytes: bavail * bsize, totalBytes: blocks * bsize }
  }
  return new AlarmWatch({
    ...ports,
    store: store.alarms,
    node: ports.name,
    // Before the first beat nobody knows the store's clock.
    storeNow: () => (node.members().length > 0 ? node.storeNow() : clock.wallMs()),
    configuration: () => keeper.configuration(),
    observers: [
      lostNodes(node),
      adoptionStorm(clock, node),
      storeAbsence(node, metrics),
      seldom(clock, SOON_MS, configurationDrift(node, keeper, store.configuration)),
      seldom(clock, SOON_MS, conversationsSetApart(store)),
      seldom(clock, SOON_MS, outboxTrouble(store.outbox)),
      seldom(clock, DISK_MS, fullDisk(node, disk)),
      seldom(
        clock,
        CERTIFICATE_MS,
        certificateEnds(clock, node, () => alarmDaysOf(keeper.configuration())),
      ),
      seldom(clock, SECRETS_MS, sealedSecrets(node, secrets)),
      seldom(
        clock,
        DATABASE_MS,
        unsafeDatabase(() => checkDatabase(databaseUrl, settings)),
      ),
    ],
  })
}
