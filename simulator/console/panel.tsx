// Collapsible part of a page; its state is part of the URL.
import type { ComponentChildren } from 'preact';
import { setQuery, useRoute } from './route.ts';

interface PanelProps {
  /** Name in the URL, e.g. `?open=new-user`. */
  readonly id: string;
  readonly title: string;
  readonly children: ComponentChildren;
}

export function Panel({ id, title, children }: PanelProps) {
  const isOpen = useRoute().query.get('open') === id;
  return (
    <details
      class="panel"
      open={isOpen}
      onToggle={(event) => {
        if (event.currentTarget.open !== isOpen) setQuery({ open: event.currentTarget.open ? id : '' });
      }}
    >
      <summary>{title}</summary>
      {children}
    </details>
  );
}
