import { ActionIcon, Popover } from '@mantine/core'
import { useState } from 'react'
import type { AlarmRow, AlarmsAnswer } from '../../protocol/alarm-answers.ts'
import { usePolled } from './console-context.ts'
import { plural } from './console-text.ts'
import { When } from './when.tsx'

const ASKED_EVERY_MS = 5_000
const COUNT_MAX = 99

/** Which alarms are open, wherever in the console somebody is. `list`: where all of them are. */
export function AlarmBell(props: { list: string | undefined }) {
  const { answer, stale } = usePolled<AlarmsAnswer>('/api/alarms?limit=1', ASKED_EVERY_MS)
  const [opened, setOpened] = useState(false)
  const open = answer?.open ?? []
  const words = answer ? wordsOf(open.length) : 'Alarms'
  return (
    <>
      <span className="hidden-text" role="status">
        {answer && open.length > 0 ? words : ''}
      </span>
      <Popover
        opened={opened}
        onChange={setOpened}
        width={380}
        position="bottom-end"
        offset={15}
        radius={14}
        shadow="md"
        trapFocus
        returnFocus
      >
        <Popover.Target>
          <ActionIcon
            className="bell"
            variant="subtle"
            color="gray"
            size="lg"
            aria-label={words}
            onClick={() => setOpened(!opened)}
          >
            <svg className="icon" viewBox="0 0 24 24" aria-hidden="true">
              <path d={BELL} />
            </svg>
            {open.length > 0 && (
              <span className={`bell-count ${open.every(({ acknowledged }) => acknowledged) ? 'taken' : ''}`}>
                {open.length > COUNT_MAX ? `${COUNT_MAX}+` : open.length}
              </span>
            )}
          </ActionIcon>
        </Popover.Target>
        <Popover.Dropdown className="bell-list" data-autofocus tabIndex={-1}>
          <h2>{words}</h2>
          {(stale || answer?.fresh === false) && (
            <p className="bell-note">
              {stale ? 'This node does not answer' : 'The database is away'}; this is what was known last.
            </p>
          )}
          {answer && open.length === 0 && <p className="bell-none">All is quiet. What begins is shown here at once.</p>}
          {open.length > 0 && (
            <ul>
              {open.map((alarm) => (
                <Alarm key={alarm.id} alarm={alarm} />
              ))}
            </ul>
          )}
          {props.list !== undefined && (
            <a className="bell-all" href={`/console/${props.list}`} onClick={() => setOpened(false)}>
              All alarms
            </a>
          )}
        </Popover.Dropdown>
      </Popover>
    </>
  )
}

function Alarm(props: { alarm: AlarmRow }) {
  const { title, subject, sentence, severity, beganAt, acknowledged } = props.alarm
  return (
    <li className={`severity-${severity}`}>
      <p>
        <span className="dot" />
        <strong>{title}</strong>
        <span className="bell-subject">{subject}</span>
        <When at={beganAt} />
      </p>
      <p>{sentence}</p>
      {acknowledged && <p className="bell-taken">{acknowledged.by} takes care of it</p>}
    </li>
  )
}

function wordsOf(open: number): string {
  return open === 0 ? 'No open alarms' : plural(open, 'open alarm')
}

const BELL = 'M6 16.5V11a6 6 0 1 1 12 0v5.5l1.5 2h-15zM10 21h4'
