using System.Globalization;
using System.Text.Json;

namespace Chaos.Generation;

/// <summary>Something that a user did, as the API tells of it. Its gaps follow from its id: told again, it has the same.</summary>
/// <param name="Id">Decides which optional fields are missing or null.</param>
/// <param name="At">Milliseconds since 1970, as all its times.</param>
sealed record ProductEvent(ulong Id, ProductUser User, string Device, string Type, string Path, long At, string? Role, int Told)
{
    enum Lack { None, Absent, Null }

    const int GapOneIn = 12;
    static readonly string[] Nulls = ["null", " NULL ", "Null"];

    public void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("date", DateTimeOffset.FromUnixTimeMilliseconds(At).ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture));
        Optional(json, "country", 1, OneIn(30, 101) ? Nulls[Draw(102) % 3] : User.Country);
        Optional(json, "city", 2, OneIn(30, 103) ? Nulls[Draw(104) % 3] : User.City);
        Optional(json, "region", 3, User.Region);
        Optional(json, "language", 4, User.Language);
        json.WriteString("event_type", Type);
        json.WriteString("device_id", Device);
        json.WriteNumber("user_id", User.Id);
        json.WriteNumber("amp_id", User.AmpId);
        json.WriteString("data_type", "event");
        json.WriteNumber("event_time", At);
        json.WriteNumber("client_event_time", At - Draw(105) % 2_000);
        json.WriteNumber("client_upload_time", At + Draw(106) % 5_000);
        json.WriteNumber("server_upload_time", At + 5_000 + Draw(107) % 2_000);
        json.WriteNumber("server_received_time", At + 7_000 + Draw(108) % 2_000);
        json.WriteNumber("processed_time", At + 60_000 * (1 + Told) + Draw(109) % 30_000);
        WriteData(json);
        WriteUser(json);
        json.WriteEndObject();
    }

    void WriteData(Utf8JsonWriter json)
    {
        json.WriteStartObject("data");
        json.WriteString("path", Path);
        foreach (var (name, field) in ((string, int)[])[("group_first_event", 5), ("group_ids", 6)])
            switch (Gap(field))
            {
                case Lack.Absent:
                    break;
                case Lack.Null:
                    json.WriteNull(name);
                    break;
                default:
                    json.WriteStartObject(name);
                    if (!OneIn(3, 110 + field))
                        json.WriteNumber($"group {Draw(112) % 5}", Draw(113) % 1_000);
                    json.WriteEndObject();
                    break;
            }
        if (Gap(7) == Lack.None)
            json.WriteBoolean("user_properties_updated", OneIn(4, 114));
        json.WriteEndObject();
    }

    void WriteUser(Utf8JsonWriter json)
    {
        json.WriteStartObject("user_properties");
        Optional(json, "initial_li_fat_id", 8, OneIn(2, 115) ? $"li-{Draw(116):x8}" : null);
        Optional(json, "initial_rtd_cid", 9, OneIn(2, 117) ? $"cid-{Draw(118):x8}" : null);
        if (User.CorporateId is { } corporation && Gap(10) == Lack.None)
        {
            json.WriteNumber("user_corporate_id", corporation);
            json.WriteBoolean("user_corporate_is_demo", corporation % 7 == 0);
        }
        Optional(json, "user_corporate_status", 11, User.CorporateId is null ? null : User.CorporateStatus);
        Optional(json, "user_role", 12, Role);
        Optional(json, "user_signup_date", 13, User.SignUp);
        Optional(json, "user_status", 14, User.Status);
        json.WriteEndObject();
    }

    void Optional(Utf8JsonWriter json, string name, int field, string? value)
    {
        if (Gap(field) is not Lack.Absent and var gap)
            json.WriteString(name, gap == Lack.Null ? null : value);
    }

    Lack Gap(int field) => (Draw(field) % (2 * GapOneIn)) switch { 0 => Lack.Absent, 1 => Lack.Null, _ => Lack.None };

    bool OneIn(int times, int field) => Draw(field) % times == 0;

    int Draw(int field) => (int)(Chance.Mix(Id, (ulong)field) & int.MaxValue);
}
