namespace Chaos.Generation;

readonly record struct CommunityInvoice(ObjectId Id, decimal Amount, string Status, DateTimeOffset Date)
{
    const int PendingDays = 3, FailsOneIn = 25, DiscountOneIn = 5;
    const decimal DiscountedShare = 0.9m;

    /// <summary>
    /// The invoices of a subscription at a moment: one an elapsed month, or one for all. Amounts and outcomes follow
    /// from the user's id, so that only the ids (and what is still pending) change from tick to tick.
    /// </summary>
    public static CommunityInvoice[] Of(CommunityUser user, DateTimeOffset moment, ObjectIdSource ids)
    {
        if (user.Plan is not { } plan)
            return [];
        int count = 0, most = plan.IsMonthly ? plan.LengthInMonths : 1;
        while (count < most && user.SubscriptionStart.AddMonths(count) <= moment)
            count++;
        decimal amount = user.Id.Hash % DiscountOneIn == 0 ? Math.Round(plan.Cost * DiscountedShare, 2) : plan.Cost;
        var invoices = new CommunityInvoice[count];
        for (int number = 0; number < count; number++)
        {
            var date = user.SubscriptionStart.AddMonths(number);
            string status = moment - date < TimeSpan.FromDays(PendingDays) ? "pending"
                : Chance.Mix(user.Id.Hash, (ulong)number) % FailsOneIn == 0 ? "failed" : "paid";
            invoices[number] = new CommunityInvoice(ids.Next(moment), amount, status, date);
        }
        return invoices;
    }
}
