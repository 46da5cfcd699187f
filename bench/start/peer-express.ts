// Owns the least that a server on Express 5 takes to start: one route, one answer.
import express from 'express';

const app = express();
app.get('/user-info', (_request, response) => {
  response.json({ groups: [], authorizations: {} });
});
app.listen(Number(process.argv[2]), '127.0.0.1');
