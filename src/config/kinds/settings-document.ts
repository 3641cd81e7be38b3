import { configKind } from '../config-kind.ts'
import { count, fields, flag, line } from './field-types.ts'

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
    }),
    transcriptMails: flag('Visitors who left an address are sent the transcript at the end.', false),
    alarmMails: line('Who is sent mail when an alarm is raised or cleared, separated by commas.', {
      lengthMax: 1000,
      fallback: '',
    }),
    messagesPerSecond: count('Messages that one client may send in a second.', { min: 1, max: 1000, fallback: 20 }),
  }),
  check: ({ publicUrl, mailServer, mailFrom }) => [
    ...(publicUrl && !/^https?:\/\/[^/\s]+$/.test(publicUrl)
      ? [{ field: 'publicUrl', sentence: 'This must be http:// or https:// with a host, without a path.' }]
      : []),
    ...(mailServer && !/^smtps?:\/\/(?:[^:@/\s]+@)?[^:@/\s]+(?::\d{1,5})?$/.test(mailServer)
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
  ],
})
