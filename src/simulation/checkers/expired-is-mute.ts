import type { ConversationId, Epoch, Owner } from '../../base/ids.ts'
import { LEASE } from '../../store/log-store.ts'
import type { Ledger } from '../ledger.ts'
import type { Checker } from '../observation.ts'

/**
 * OW3: a node whose lease has passed by the store's clock, or whose conversation another one has taken, acknowledges
 * nothing and publishes nothing. A handover is no such taking: the predecessor offered it and hears of it a moment later.
 */
export function expiredIsMute(): Checker {
  return {
    rule: 'OW3',
    see(observation, ledger) {
      if (observation.kind === 'published') {
        const { by, conversation, epoch } = observation
        return late(by, ledger, `published ${conversation}`) ?? fenced(by, conversation, epoch, ledger)
      }
      if (observation.kind === 'answered' && observation.reply.kind === 'ack')
        return late(observation.by, ledger, `acknowledged in ${observation.conversation}`)
      return undefined
    },
  }
}

function late(by: Owner, ledger: Ledger, what: string): string | undefined {
  const ageMs = ledger.beatAgeMs(by.incarnation)
  if (ageMs <= LEASE.leaseMs) return undefined
  return `${by.node} ${what} ${Math.round(ageMs)} ms after its last renewal.`
}

function fenced(by: Owner, conversation: ConversationId, epoch: Epoch, ledger: Ledger): string | undefined {
  const present = ledger.epoch(conversation)
  if (epoch >= present || ledger.handedOver(conversation)) return undefined
  const owner = ledger.owner(conversation, present)
  if (owner?.incarnation === by.incarnation) return undefined
  return `${by.node} published ${conversation} at epoch ${epoch}, while ${owner?.node} owns it at epoch ${present}.`
}
