# User info endpoint with Sinatra and a JSON file.
require 'sinatra'
require 'json'

set :bind, '127.0.0.1'
set :port, ENV.fetch('PORT', 8080)

USERS = JSON.parse(File.read('users.json', encoding: 'UTF-8'))

use Rack::Auth::Basic, 'Restricted Area' do |username, password|
  username == 'immuta' && password == 'open:sesame 42'
end

get '/user-info' do
  user = USERS[params['userid']]
  halt 404 unless user
  content_type :json
  user.to_json
end
