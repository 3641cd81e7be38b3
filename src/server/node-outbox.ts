import type { Clock } from '../base/clock.ts'
import type { Incarnation } from '../base/ids.ts'
import type { Log } from '../base/log.ts'
import type { Metrics } from '../base/metrics.ts'
import type { Random } from '../base/random.ts'
import type { Configuration } from '../config/configuration.ts'
import { CLUSTER_SETTINGS } from '../config/kinds/settings-document.ts'
import { mailEffect } from '../ops/mail-effect.ts'
import { MAIL_KIND } from '../ops/mail-order.ts'
import { OutboxDriver } from '../ops/outbox-driver.ts'
import { smtpMailer } from '../ops/smtp-mailer-node.ts'
import { webhookEffect } from '../ops/webhook-effect-node.ts'
import { WEBHOOK_KIND } from '../ops/webhook-order.ts'
import type { LogStore } from '../store/log-store.ts'
import type { OutboxStore } from '../store/outbox-store.ts'
import type { Posts } from './posts.ts'
import { transcriptMails } from './transcript-mail-decision.ts'

interface NodeOutboxPorts {
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  readonly metrics: Metrics
  readonly store: Pick<LogStore, 'read'> & { readonly outbox: OutboxStore }
  readonly self: () => Incarnation
  readonly configuration: () => Configuration
  readonly secret: (name: string) => Promise<string | undefined>
}

/** What a node posts as conversations go on, and what carries it out. A part that does something outside adds it here. */
export function nodeOutbox(ports: NodeOutboxPorts): { readonly driver: OutboxDriver; readonly posts: Posts } {
  const { store, configuration, secret } = ports
  const mail = mailEffect({ configuration, secret, store, mailer: smtpMailer })
  const effects = { [MAIL_KIND]: mail, [WEBHOOK_KIND]: webhookEffect(ports) }
  const driver = new OutboxDriver({ ...ports, store: store.outbox, effects })
  const posts: Posts = {
    // Asked of every step, of which few owe anything: the configuration is looked at for those.
    of(step) {
      const mails = transcriptMails(step)
      return mails.length > 0 && configuration().one(CLUSTER_SETTINGS).transcriptMails ? mails : []
    },
    posted: () => driver.poke(),
  }
  return { driver, posts }
}
