#!/usr/bin/perl
# User info endpoint with Mojolicious::Lite and a hash.
use Mojolicious::Lite -signatures;
use utf8;

my %users = (
  'ada@example.com' => {
    groups         => [{name => 'analysts'}, {name => 'Zürich'}],
    authorizations => {region => ['emea', 'apac'], clearance => ['internal']},
  },
  'grace@example.com'        => {groups => [], authorizations => {}},
  q{o'neill+test@example.com} => {groups => [{name => 'R&D <core>'}], authorizations => {site => ['Köln/Süd']}},
  'jörg müller'              => {groups => [{name => 'analysts'}], authorizations => {region => ['emea']}},
);

under sub ($c) {
  return 1 if ($c->req->url->to_abs->userinfo // '') eq 'immuta:open:sesame 42';
  $c->res->headers->www_authenticate('Basic');
  $c->render(text => 'Authentication required!', status => 401);
  return undef;
};

get '/user-info' => sub ($c) {
  my $user = $users{$c->param('userid') // ''};
  return $c->reply->not_found unless $user;
  $c->render(json => $user);
};

app->start;
