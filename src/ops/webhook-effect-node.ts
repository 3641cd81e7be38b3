import { createHmac } from 'node:crypto'
import { AllowedNetworks } from '../base/address-guard-node.ts'
import type { Clock } from '../base/clock.ts'
import { type GuardedAnswer, type GuardedNetwork, guardedRequest } from '../base/guarded-request-node.ts'
import type { Configuration } from '../config/configuration.ts'
import { CLUSTER_SETTINGS } from '../config/kinds/settings-document.ts'
import type { EffectOutcome } from './effect-decision.ts'
import type { Effect } from './outbox-driver.ts'

export interface WebhookPorts {
  readonly clock: Clock
  readonly configuration: () => Configuration
  /** A secret by its name. */
  readonly secret: (name: string) => Promise<string | undefined>
  readonly network?: GuardedNetwork
}

const SECRET = 'webhook-secret'
const TIMEOUT_MS = 10_000
// What these say may pass: a time-out, too early, too many.
const LATER = [408, 425, 429]

/**
 * Calls the webhook of the configuration with the body of an item, signed. Who receives it knows by `holdfast-id` what
 * he has received before, and by the time within the signature what was recorded and is played again.
 */
export function webhookEffect({ clock, configuration, secret, network }: WebhookPorts): Effect {
  return async ({ id, body }) => {
    const { alarmWebhook: url = '', webhookNetworks = '' } = configuration().one(CLUSTER_SETTINGS)
    if (!url) return { kind: 'never', reason: 'There is no webhook any more (`settings`: alarmWebhook).' }
    const allowed = AllowedNetworks.parse(webhookNetworks)
    if ('fault' in allowed) return { kind: 'later', reason: `webhookNetworks cannot be read at ${allowed.fault}.` }
    const key = await secret(SECRET)
    if (!key) return { kind: 'later', reason: `There is no secret to sign by: \`holdfast secret set ${SECRET}\`.` }
    const headers = {
      'content-type': 'application/json',
      'user-agent': 'holdfast',
      'holdfast-id': id,
      'holdfast-signature': webhookSignature(key, Math.floor(clock.wallMs() / 1000), body),
    }
    const asked = { url, method: 'POST', headers, body, timeoutMs: TIMEOUT_MS, allowed } as const
    return outcomeOf(await guardedRequest(asked, network))
  }
}

/** `t=<seconds since 1970>,v1=<HMAC-SHA256 over "<t>.<body>" in hexadecimal>` */
export function webhookSignature(key: string, seconds: number, body: string): string {
  return `t=${seconds},v1=${createHmac('sha256', key).update(`${seconds}.${body}`).digest('hex')}`
}

function outcomeOf(answer: GuardedAnswer): EffectOutcome {
  if (answer.kind === 'forbidden') return { kind: 'never', reason: answer.reason }
  if (answer.kind === 'failed') return { kind: 'later', reason: answer.reason }
  const { status } = answer
  if (status >= 200 && status < 300) return { kind: 'done' }
  if (status >= 300 && status < 400)
    return { kind: 'never', reason: `The webhook answered ${status}; redirects are not followed.` }
  const passes = status >= 500 || LATER.includes(status)
  return { kind: passes ? 'later' : 'never', reason: `The webhook answered ${status}.` }
}
