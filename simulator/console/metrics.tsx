// Download of the metrics of a number of days, by default the last 30.
import { useState } from 'preact/hooks';
import { ErrorNotice, useAction } from './loaded.tsx';
import { Panel } from './panel.tsx';
import { ask } from './server.ts';

export function Metrics() {
  const [days, setDays] = useState('30');
  const { isBusy, refusal, act } = useAction();
  return (
    <Panel id="metrics" title="Metrics">
      <form
        class="fields"
        onSubmit={(event) => {
          event.preventDefault();
          act(async () => {
            const metrics = await ask('GET', `/simulator/metrics?${new URLSearchParams({ days })}`);
            save(`user-metrics-${days}-days.json`, JSON.stringify(metrics, null, 2));
          }, 'The metrics were downloaded.');
        }}
      >
        <label>
          Number of days
          <input type="number" min={1} required value={days} onInput={(event) => setDays(event.currentTarget.value)} />
        </label>
        {refusal !== null && <ErrorNotice>{refusal}</ErrorNotice>}
        <button type="submit" disabled={isBusy}>
          Download
        </button>
      </form>
    </Panel>
  );
}

function save(name: string, text: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([text], { type: 'application/json' }));
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}
