// User info endpoint with Express and a CSV file.
import { readFileSync } from 'node:fs';
import { parse } from 'csv-parse/sync';
import express from 'express';

const users = new Map();
for (const { userid, kind, name, value } of parse(readFileSync('users.csv'), { columns: true })) {
  const user = users.get(userid) ?? { groups: [], authorizations: {} };
  users.set(userid, user);
  if (kind === 'group') user.groups.push({ name });
  if (kind === 'attribute') user.authorizations[name] = [...(user.authorizations[name] ?? []), value];
}

const app = express();

app.use((req, res, next) => {
  const token = (req.headers.authorization ?? '').split(' ')[1] ?? '';
  const [username, ...password] = Buffer.from(token, 'base64').toString().split(':');
  if (username === 'immuta' && password.join(':') === 'open:sesame 42') return next();
  res.set('WWW-Authenticate', 'Basic realm="401"');
  res.status(401).send('Authentication required.');
});

app.get('/user-info', (req, res) => {
  const user = users.get(req.query.userid);
  if (!user) return res.sendStatus(404);
  res.json(user);
});

app.listen(Number(process.env.PORT ?? 8080), '127.0.0.1');
