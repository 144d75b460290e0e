# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_ghcr_auth_global_optspecs
	string join \n h/help V/version
end

function __fish_ghcr_auth_needs_command
	# Figure out if the current invocation already has a command.
	set -l cmd (commandline -opc)
	set -e cmd[1]
	argparse -s (__fish_ghcr_auth_global_optspecs) -- $cmd 2>/dev/null
	or return
	if set -q argv[1]
		# Also print the command, so this can be used to figure out what it is.
		echo $argv[1]
		return 1
	end
	return 0
end

function __fish_ghcr_auth_using_subcommand
	set -l cmd (__fish_ghcr_auth_needs_command)
	test -z "$cmd"
	and return 1
	contains -- $cmd[1] $argv
end

complete -c ghcr-auth -n "__fish_ghcr_auth_needs_command" -s h -l help -d 'Print help'
complete -c ghcr-auth -n "__fish_ghcr_auth_needs_command" -s V -l version -d 'Print the version'
complete -c ghcr-auth -n "__fish_ghcr_auth_needs_command" -f -a "check" -d 'Ask the registry whether your credentials can push an image'
complete -c ghcr-auth -n "__fish_ghcr_auth_needs_command" -f -a "explain" -d 'Explain a failed push or pull from its log: cause and fix'
complete -c ghcr-auth -n "__fish_ghcr_auth_needs_command" -f -a "audit" -d 'Find mistakes in workflows that push to GHCR'
complete -c ghcr-auth -n "__fish_ghcr_auth_using_subcommand check" -l access -d 'What to check: push (default), pull, or public' -r -f -a "push\t''
pull\t''
public\t''"
complete -c ghcr-auth -n "__fish_ghcr_auth_using_subcommand check" -l registry -d 'The registry to ask (default: ghcr.io)' -r
complete -c ghcr-auth -n "__fish_ghcr_auth_using_subcommand check" -l timeout -d 'Limit for all requests, from 5 to 600 (default: 45)' -r
complete -c ghcr-auth -n "__fish_ghcr_auth_using_subcommand check" -l env-file -d 'Read credentials from FILE (lines of NAME=VALUE) first' -r -F
complete -c ghcr-auth -n "__fish_ghcr_auth_using_subcommand check" -l public -d 'Check if anybody can pull IMAGE[:TAG]; sends no credential'
complete -c ghcr-auth -n "__fish_ghcr_auth_using_subcommand check" -l json -d 'Print the report as JSON'
complete -c ghcr-auth -n "__fish_ghcr_auth_using_subcommand check" -s h -l help -d 'Print help'
complete -c ghcr-auth -n "__fish_ghcr_auth_using_subcommand explain" -l json -d 'Print the answer as JSON'
complete -c ghcr-auth -n "__fish_ghcr_auth_using_subcommand explain" -s h -l help -d 'Print help'
complete -c ghcr-auth -n "__fish_ghcr_auth_using_subcommand audit" -l format -d 'text (default), json, sarif, or github (annotations)' -r -f -a "text\t''
json\t''
sarif\t''
github\t''"
complete -c ghcr-auth -n "__fish_ghcr_auth_using_subcommand audit" -l json -d 'The same as --format json'
complete -c ghcr-auth -n "__fish_ghcr_auth_using_subcommand audit" -l strict -d 'Exit with 1 on advice too'
complete -c ghcr-auth -n "__fish_ghcr_auth_using_subcommand audit" -l fix -d 'Make the changes that are certain to be right'
complete -c ghcr-auth -n "__fish_ghcr_auth_using_subcommand audit" -l diff -d 'Print those changes as a patch'
complete -c ghcr-auth -n "__fish_ghcr_auth_using_subcommand audit" -s h -l help -d 'Print help'
