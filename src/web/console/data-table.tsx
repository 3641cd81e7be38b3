import { Skeleton } from '@mantine/core'
import type { ReactNode } from 'react'
import './data-table.css'

export interface Column<Row> {
  readonly key: string
  /** Absent where the cells speak for themselves, such as buttons: give `label` then. */
  readonly head?: string
  readonly label?: string
  readonly cell: (row: Row) => ReactNode
  /** Numbers stand at the right. */
  readonly right?: boolean
  /** Takes what room is left. */
  readonly wide?: boolean
}

/**
 * A table that becomes a list of cards where there is no room for it. `rows` are absent before the first answer; `empty`
 * stands where there are none.
 */
export function DataTable<Row>(props: {
  label: string
  columns: readonly Column<Row>[]
  rows: readonly Row[] | undefined
  keyOf: (row: Row) => string | number
  empty: ReactNode
}) {
  const { columns, rows } = props
  if (rows?.length === 0) return props.empty
  return (
    // biome-ignore lint/a11y/noRedundantRoles: as cards the elements are no table for screen readers any more
    <table className="data-table" role="table" aria-label={props.label} aria-busy={rows === undefined}>
      <thead>
        <tr>
          {columns.map(({ key, head, label, right, wide }) => (
            <th key={key} scope="col" className={classOf({ right, wide })}>
              {head ?? <span className="hidden-text">{label}</span>}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows
          ? rows.map((row) => (
              // biome-ignore lint/a11y/noRedundantRoles: as above
              <tr key={props.keyOf(row)} role="row">
                {columns.map(({ key, head, right, wide, cell }) => (
                  // biome-ignore lint/a11y/noRedundantRoles: as above
                  <td key={key} role="cell" data-head={head ?? ''} className={classOf({ right, wide })}>
                    {cell(row)}
                  </td>
                ))}
              </tr>
            ))
          : [1, 2, 3].map((place) => (
              <tr key={place}>
                <td colSpan={columns.length}>
                  <Skeleton height={18} radius={6} />
                </td>
              </tr>
            ))}
      </tbody>
    </table>
  )
}

function classOf(column: { right: boolean | undefined; wide: boolean | undefined }): string {
  return [column.right ? 'right' : '', column.wide ? 'wide' : ''].join(' ').trim()
}
