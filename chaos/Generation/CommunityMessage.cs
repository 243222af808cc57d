namespace Chaos.Generation;

readonly record struct CommunityMessage(CommunityThread Thread, DateTimeOffset Date, string? Text);
