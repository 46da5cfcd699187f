# User info endpoint with WEBrick and a JSON file.
require 'webrick'
require 'json'

users = JSON.parse(File.read('users.json', encoding: 'UTF-8'))
server = WEBrick::HTTPServer.new(BindAddress: '127.0.0.1', Port: ENV.fetch('PORT', 8080).to_i)

server.mount_proc '/user-info' do |request, response|
  WEBrick::HTTPAuth.basic_auth(request, response, 'User info') do |username, password|
    username == 'immuta' && password == 'open:sesame 42'
  end
  userid = request.query['userid'].to_s.dup.force_encoding('UTF-8')
  raise WEBrick::HTTPStatus::NotFound unless users.key?(userid)

  response['Content-Type'] = 'application/json'
  response.body = users[userid].to_json
end

trap('TERM') { server.shutdown }
server.start
