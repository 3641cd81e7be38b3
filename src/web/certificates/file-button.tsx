import { Button } from '@mantine/core'
import { useRef } from 'react'

/** A button that has files chosen. */
export function FileButton(props: {
  label: string
  accept: string
  multiple?: boolean
  onFiles: (files: readonly File[]) => void
}) {
  const field = useRef<HTMLInputElement>(null)
  return (
    <>
      <Button variant="default" size="xs" onClick={() => field.current?.click()}>
        {props.label}
      </Button>
      <input
        ref={field}
        type="file"
        hidden
        aria-label={props.label}
        accept={props.accept}
        multiple={props.multiple ?? false}
        onChange={({ currentTarget }) => {
          props.onFiles([...(currentTarget.files ?? [])])
          // The same file may be chosen again.
          currentTarget.value = ''
        }}
      />
    </>
  )
}
