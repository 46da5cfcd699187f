// Peer: the smallest server on Express 5, with one route and one response.
import express from 'express';

const app = express();
app.get('/user-info', (_request, response) => {
  response.json({ groups: [], authorizations: {} });
});
app.listen(Number(process.argv[2]), '127.0.0.1');
