import { barLine, type FaultBar, faultBar } from './fault-bars.ts'
import type { MailCampaignResult } from './mail-campaign-node.ts'
import { type AlarmMailCheck, checkAlarmMails, checkMails, type MailCheck } from './mail-check.ts'

interface MailReport {
  readonly seed: number
  readonly kills: number
  readonly conversations: number
  /** Over the wire, those that came again included. */
  readonly mails: number
  readonly allSentMs?: number
  readonly check: MailCheck
  readonly alarms: AlarmMailCheck
  readonly bars: readonly FaultBar[]
  readonly passed: boolean
}

// Two looks into the outbox after the death, and the first delays after a failure.
const ALL_SENT_MS_MAX = 30_000

/** What a campaign of mails is worth. `wanted`: kills that were to be made. */
export function mailReport(result: MailCampaignResult, wanted: number, seed: number): MailReport {
  const { kills, owed, received, waiting, deadLetters, allSentMs } = result
  const check = checkMails(owed, received)
  const alarms = checkAlarmMails(result.alarms, result.alarmMails)
  const bars = [
    faultBar('kills not made', wanted - kills, 0),
    faultBar('lost', check.lost, 0),
    faultBar('doubled', check.doubled, 0),
    faultBar('astray', check.astray, 0),
    faultBar('alarms that nobody was told of', alarms.lost, 0),
    faultBar('mails of no alarm', alarms.astray, 0),
    faultBar('left in the outbox', waiting, 0),
    faultBar('dead letters', deadLetters, 0),
    faultBar('all sent', allSentMs, ALL_SENT_MS_MAX, 'ms'),
  ]
  const passed = bars.every(({ holds }) => holds) && owed.length > 0
  const sent = allSentMs === undefined ? {} : { allSentMs }
  return { seed, kills, conversations: owed.length, mails: received.length, ...sent, check, alarms, bars, passed }
}

/** The report as a person reads it. */
export function mailLines({ kills, conversations, mails, check, alarms, bars }: MailReport): readonly string[] {
  return [
    `${conversations} conversations ended and owed a mail each; ${mails} mails came, ${check.repeated} of them again under their Message-ID, as SMTP must`,
    `${kills} nodes killed; ${alarms.notices} mails told operators that an alarm began or ended`,
    ...bars.map(barLine),
  ]
}
