import type { AssetRow } from '../../protocol/asset-answers.ts'
import { type Column, DataTable } from '../console/data-table.tsx'
import { When } from '../console/when.tsx'
import { AssetActs, AssetUse } from './asset-acts.tsx'
import { bytesText, digestOf, fateOf, kindText, titleOf } from './assets-facts.ts'

/** What is no image. */
export function FileTable(props: {
  rows: readonly AssetRow[]
  now: number
  onRemove: ((row: AssetRow) => void) | undefined
}) {
  const columns: readonly Column<AssetRow>[] = [
    {
      key: 'name',
      head: 'Name',
      wide: true,
      cell: (row) => (
        <a className="file-name" href={row.address} title={row.names.join(', ')}>
          {titleOf(row)}
        </a>
      ),
    },
    { key: 'kind', head: 'Type', cell: (row) => <span title={row.mediaType}>{kindText(row)}</span> },
    { key: 'size', head: 'Size', right: true, cell: ({ bytes }) => bytesText(bytes) },
    {
      key: 'digest',
      head: 'SHA-256',
      cell: (row) => (
        <span className="asset-digest" title={digestOf(row)}>
          {digestOf(row).slice(0, 12)}…
        </span>
      ),
    },
    { key: 'given', head: 'Given', cell: ({ at }) => <When at={at} /> },
    { key: 'use', head: 'Used by', cell: (row) => <AssetUse fate={fateOf(row, props.now)} /> },
    { key: 'acts', label: 'Acts', cell: (row) => <AssetActs row={row} onRemove={props.onRemove} /> },
  ]
  return (
    <div className="card">
      <DataTable label="Files" columns={columns} rows={props.rows} keyOf={({ file }) => file} empty={null} />
    </div>
  )
}
