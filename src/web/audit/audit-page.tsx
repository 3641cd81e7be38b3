import { Button } from '@mantine/core'
import { useEffect, useState } from 'react'
import { useConsole } from '../console/console-context.ts'
import { countText, plural } from '../console/console-text.ts'
import { PageSection, PolledTrouble } from '../console/page-section.tsx'
import { addressOf, filterIn, isFiltered } from './audit-facts.ts'
import { AuditFilterForm } from './audit-filter-form.tsx'
import { AuditRecords } from './audit-records.tsx'
import { ChainPanel } from './chain-panel.tsx'
import { dayBegins, saveFile } from './save-file-node.ts'
import { useExport } from './use-chain.ts'
import { useTrail } from './use-trail.ts'
import './audit-page.css'

/** Who did what: the newest first, each with what changed; one record opened at `audit/<number>`. */
export default function AuditPage() {
  const { rest, go, tell } = useConsole()
  const filter = filterIn(location.search)
  const opened = /^\d{1,15}$/.test(rest[0] ?? '') ? Number(rest[0]) : undefined
  // Whoever comes by the address of a record begins there; who opens one further on stays where he is.
  const [from, setFrom] = useState(opened)
  const sinceMs = filter.since === '' ? undefined : dayBegins(filter.since)
  const trail = useTrail(filter, sinceMs, from === undefined ? undefined : from + 1)
  const { records, newest } = trail
  const end = newest.answer?.head.n
  const first = records?.[0]?.n
  const isThere = records?.some(({ n }) => n === opened) ?? true
  // biome-ignore lint/correctness/useExhaustiveDependencies: only another address leads away from what is shown
  useEffect(() => {
    if (opened !== undefined && !isThere) setFrom(opened)
  }, [opened])
  const ahead = end !== undefined && first !== undefined && !isFiltered(filter) ? end - first : 0
  const { reading, read } = useExport()

  const save = async () => {
    const lines = await read()
    if (!lines) return
    saveFile(`audit-${lines.length}.jsonl`, lines.map((line) => `${line}\n`).join(''))
    tell(`${plural(lines.length, 'record')} saved. Keep the file where nobody can change it.`)
  }
  const toNewest = () => {
    if (opened !== undefined) go(addressOf(filter))
    if (from === undefined) trail.anew()
    else setFrom(undefined)
  }
  return (
    <div className="page-stack">
      <PolledTrouble polled={newest} />
      <ChainPanel end={end} />
      <PageSection
        title="Records"
        note={end === undefined ? undefined : `${countText(end)} in all`}
        acts={
          <>
            {ahead > 0 && (
              <Button variant="light" size="compact-sm" onClick={toNewest}>
                {from === undefined ? `Show ${plural(ahead, 'newer record')}` : 'Go to the newest records'}
              </Button>
            )}
            <Button size="compact-sm" variant="default" disabled={!end} loading={reading !== undefined} onClick={save}>
              Export all
            </Button>
          </>
        }
      >
        <AuditFilterForm
          key={addressOf(filter)}
          filter={filter}
          onFilter={(next) => {
            setFrom(undefined)
            go(addressOf(next))
          }}
        />
        <p className="hidden-text" role="status">
          {ahead > 0 && `There are ${plural(ahead, 'newer record')}.`}
        </p>
        <AuditRecords
          trail={trail}
          opened={opened}
          filtered={isFiltered(filter)}
          onOpen={(n) => go(addressOf(filter, n))}
        />
      </PageSection>
    </div>
  )
}
