import { useState } from 'react'
import type { AssetRow } from '../../protocol/asset-answers.ts'
import { AssetActs, AssetUse } from './asset-acts.tsx'
import { bytesText, digestOf, fateOf, kindText, titleOf } from './assets-facts.ts'

/** Images as they look. */
export function ImageGrid(props: {
  rows: readonly AssetRow[]
  now: number
  onRemove: ((row: AssetRow) => void) | undefined
}) {
  return (
    <ul className="image-grid" aria-label="Images">
      {props.rows.map((row) => (
        <ImageCard key={row.file} row={row} now={props.now} onRemove={props.onRemove} />
      ))}
    </ul>
  )
}

function ImageCard(props: { row: AssetRow; now: number; onRemove: ((row: AssetRow) => void) | undefined }) {
  const { row, now, onRemove } = props
  const [pixels, setPixels] = useState<string>()
  const [title, ...others] = [titleOf(row), ...row.names.slice(1)]
  return (
    <li className="card image-card">
      <a className="image-frame" href={row.address} target="_blank" rel="noopener" aria-label={`Open ${title}`}>
        <img
          src={row.address}
          alt=""
          loading="lazy"
          onLoad={({ currentTarget: { naturalWidth, naturalHeight } }) =>
            setPixels(`${naturalWidth} × ${naturalHeight}`)
          }
        />
      </a>
      <div className="image-facts">
        <h3 title={row.names.join(', ')}>{title}</h3>
        {others.length > 0 && <p className="asset-faint">also {others.join(', ')}</p>}
        <p className="asset-faint">
          {[kindText(row), bytesText(row.bytes), ...(pixels === undefined ? [] : [`${pixels} px`])].join(' · ')}
        </p>
        <p className="asset-digest" title={`SHA-256 ${digestOf(row)}`}>
          {digestOf(row).slice(0, 16)}…
        </p>
        <AssetUse fate={fateOf(row, now)} />
      </div>
      <AssetActs row={row} onRemove={onRemove} />
    </li>
  )
}
