import type { Configuration } from '../config/configuration.ts'
import { CLUSTER_SETTINGS } from '../config/kinds/settings-document.ts'
import type { AlarmDeliveryRow } from '../protocol/alarm-answers.ts'
import type { AlarmEpisode } from '../store/alarm-store.ts'
import type { OutboxItem } from '../store/log-store.ts'
import type { PostedItem } from '../store/outbox-store.ts'
import { alarmKind } from './alarm-catalogue.ts'
import { durationText } from './duration-text.ts'
import { mailItem } from './mail-order.ts'
import { webhookItem } from './webhook-order.ts'

export type AlarmState = 'raised' | 'cleared'

/** An episode as far as a notice tells of it; its end is there when it is cleared. */
export type ToldEpisode = Pick<
  AlarmEpisode,
  'id' | 'code' | 'subject' | 'severity' | 'sentence' | 'beganAt' | 'affected' | 'ended'
>

/**
 * Whoever is told that an alarm began or ended: one mail an address, one call of the webhook. The ids are those of the
 * episode, so that no notice is made twice; what is told of its end stands behind what was told of its beginning.
 */
export function alarmNotices(
  episode: ToldEpisode,
  state: AlarmState,
  configuration: Configuration,
): readonly OutboxItem[] {
  const { alarmMails = '', alarmWebhook = '' } = configuration.one(CLUSTER_SETTINGS)
  const facts = factsOf(episode, state)
  const { since, duration, affected, ...told } = facts
  const mails = addressesIn(alarmMails).map((to) =>
    mailItem(`alarm:${episode.id}:${state}:mail:${to}`, `alarm:${episode.id}:mail:${to}`, {
      to,
      template: 'alarm',
      // Liquid reads times in seconds, and takes 0 for something.
      facts: {
        ...told,
        since: Math.floor(since / 1000),
        ...(duration && { duration }),
        ...(affected > 0 && { affected }),
      },
    }),
  )
  if (!alarmWebhook) return mails
  const id = `alarm:${episode.id}:${state}:webhook`
  return [...mails, webhookItem(id, `alarm:${episode.id}:webhook`, { event: 'alarm', id, ...facts })]
}

/** What became of the notices of an episode, read from the ids that `alarmNotices` gives them. */
export function alarmDeliveries(
  episode: string,
  items: readonly Pick<PostedItem, 'id' | 'state' | 'attempts' | 'reason'>[],
): readonly AlarmDeliveryRow[] {
  return items.flatMap(({ id, state, attempts, reason }) => {
    const [, about, by = '', to = ''] =
      /^(raised|cleared):(mail|webhook)(?::(.*))?$/.exec(id.slice(`alarm:${episode}:`.length)) ?? []
    return about === 'raised' || about === 'cleared' ? [{ about, by, to, state, attempts, reason }] : []
  })
}

function factsOf({ id, code, subject, severity, sentence, beganAt, affected, ended }: ToldEpisode, state: AlarmState) {
  const kind = alarmKind(code)
  const over = state === 'cleared'
  const durationMs = ended && ended.at - beganAt
  return {
    episode: id,
    alarm: code,
    ...(kind?.alias && { number: kind.alias[state] }),
    subject,
    state,
    severity,
    title: `${(over ? kind?.over : kind?.title) ?? code}: ${subject}`,
    sentence: over ? `It is over after ${durationText(durationMs ?? 0)}. It was: ${sentence}` : sentence,
    since: beganAt,
    affected,
    ...(durationMs !== undefined && { durationMs, duration: durationText(durationMs) }),
    ...(!over && kind && { meaning: kind.meaning, remedy: kind.remedy }),
  }
}

/** `a@example.com, b@example.com`; each once. */
function addressesIn(list: string): readonly string[] {
  return [...new Set(list.split(',').map((address) => address.trim()))].filter((address) => address !== '')
}
