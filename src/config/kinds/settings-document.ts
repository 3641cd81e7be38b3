import { AllowedNetworks } from '../../base/address-guard-node.ts'
import { ALARM_DAYS } from '../certificate-decision.ts'
import { configKind } from '../config-kind.ts'
import type { Configuration } from '../configuration.ts'
import { isOrigin } from '../origin.ts'
import { count, fields, flag, line } from './field-types.ts'

// It becomes a part of the policy that browsers are given: nothing but a name may stand there.
const HOST = /^(?:\*\.)?[a-z0-9-]+(?:\.[a-z0-9-]+)*(?::\d{1,5})?$/

/** What holds for the whole cluster and may change while it runs. */
export const CLUSTER_SETTINGS = configKind({
  kind: 'settings',
  title: 'Settings',
  about:
    'What holds for the whole cluster and may change while it runs. What a node needs to start stands in its own settings.',
  many: false,
  schema: fields({
    publicUrl: line('The one address that people use, `https://chat.example.com`. Empty: that of each node.', {
      lengthMax: 200,
      fallback: '',
    }),
    mailFrom: line('Sender of every mail. Empty: no mail is sent.', { lengthMax: 200, fallback: '' }),
    mailServer: line('SMTP server, `smtp://user@host:587`; its password is the secret `mail-password`.', {
      lengthMax: 500,
      fallback: '',
      secret: 'mail-password',
    }),
    transcriptMails: flag('Visitors who left an address are sent the transcript at the end.', false),
    alarmMails: line('Who is sent mail when an alarm is raised or cleared, separated by commas.', {
      lengthMax: 1000,
      fallback: '',
    }),
    alarmWebhook: line(
      'Address that is called when an alarm is raised or cleared, signed by the secret `webhook-secret`. Empty: none.',
      { lengthMax: 500, fallback: '', secret: 'webhook-secret' },
    ),
    webhookNetworks: line(
      'Addresses of your own networks that the webhook may be at, `10.1.2.0/24, 127.0.0.1`. Empty: public ones alone.',
      { lengthMax: 1000, fallback: '' },
    ),
    certificateAlarmDays: line(
      'How many days before a certificate ends it is told: three numbers, such as `30, 14, 3`, but none before the last quarter, sixth and twelfth of its life.',
      { lengthMax: 40, fallback: ALARM_DAYS.join(', ') },
    ),
    imageHosts: line(
      'Hosts besides our own from which pages may show images, `cdn.example.com, *.example.org`. Empty: none.',
      { lengthMax: 1000, fallback: '' },
    ),
    messagesPerSecond: count('Messages that one client may send in a second.', {
      min: 1,
      max: 1000,
      fallback: 20,
      unit: 'per second',
    }),
  }),
  check: ({
    publicUrl,
    mailServer,
    mailFrom,
    alarmMails = '',
    alarmWebhook,
    webhookNetworks = '',
    imageHosts = '',
    certificateAlarmDays = '',
  }) => [
    ...(publicUrl && !isOrigin(publicUrl)
      ? [{ field: 'publicUrl', sentence: 'This must be http:// or https:// with a host, without a path.' }]
      : []),
    ...(mailServer && !isMailServer(mailServer)
      ? [
          {
            field: 'mailServer',
            sentence: 'This must be smtp:// or smtps:// with a host; a user may stand before it, a password may not.',
          },
        ]
      : []),
    ...(mailFrom && !/^[^<>,;\s]+@[^<>,;@\s]+$/.test(mailFrom)
      ? [{ field: 'mailFrom', sentence: 'This must be one address, such as chat@example.com.' }]
      : []),
    ...alarmMails
      .split(',')
      .map((address) => address.trim())
      .filter((address) => address && !/^[^<>\s]+@[^<>@\s]+$/.test(address))
      .map((address) => ({ field: 'alarmMails', sentence: `${address} is not an address such as ops@example.com.` })),
    ...(alarmWebhook && !/^https?:\/\/[^@\s]+$/.test(alarmWebhook)
      ? [{ field: 'alarmWebhook', sentence: 'This must be https:// with a host; it holds no password.' }]
      : []),
    ...networkFaults(webhookNetworks),
    ...(certificateAlarmDays && !daysIn(certificateAlarmDays)
      ? [
          {
            field: 'certificateAlarmDays',
            sentence: 'These must be three whole numbers, each less than the one before.',
          },
        ]
      : []),
    ...hostsIn(imageHosts)
      .filter((host) => !HOST.test(host))
      .map((host) => ({ field: 'imageHosts', sentence: `${host} is not a host such as cdn.example.com.` })),
  ],
})

/** What stands between commas. */
export function hostsIn(text: string): readonly string[] {
  return text
    .split(',')
    .map((host) => host.trim())
    .filter((host) => host !== '')
}

/** Also one that can be read: port 99999 and a user with a lone `%` look like an address and are none. */
function isMailServer(text: string): boolean {
  const [, user] = /^smtps?:\/\/(?:([^:@/\s]+)@)?[^:@/\s]+(?::\d{1,5})?$/.exec(text) ?? [undefined, '%']
  return URL.canParse(text) && /^(?:[^%]|%[0-9a-fA-F]{2})*$/.test(user ?? '')
}

/** Days before the end of a certificate at which it is told, the most first. */
export function alarmDaysOf(configuration: Configuration): readonly number[] {
  return daysIn(configuration.one(CLUSTER_SETTINGS).certificateAlarmDays ?? '') ?? ALARM_DAYS
}

function daysIn(text: string): readonly number[] | undefined {
  const days = hostsIn(text).map((word) => (/^\d{1,4}$/.test(word) ? Number(word) : 0))
  const falling = days.every((day, index) => day > 0 && day < (days[index - 1] ?? Number.POSITIVE_INFINITY))
  return days.length === ALARM_DAYS.length && falling ? days : undefined
}

function networkFaults(networks: string) {
  const parsed = AllowedNetworks.parse(networks)
  if (!('fault' in parsed)) return []
  return [{ field: 'webhookNetworks', sentence: `${parsed.fault} is not an address or network such as 10.1.2.0/24.` }]
}
